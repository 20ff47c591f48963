// Another system's webhook: signs standard input with the library of the Standard Webhooks project.
// node sign.mjs SECRET ID SECONDS; prints the signature.
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const [secret, id, seconds] = process.argv.slice(2);
process.stdout.write(new Webhook(secret).sign(id, new Date(Number(seconds) * 1000), readFileSync(0, "utf8")));
