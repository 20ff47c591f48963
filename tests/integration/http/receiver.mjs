// The software's webhook: verifies what comes with the library of the Standard Webhooks project, notes it, and answers as
// the file `answer` says at that moment. node receiver.mjs PORT FOLDER; FOLDER/secret holds the secret.
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const [port, folder] = process.argv.slice(2);

function verified(body, headers) {
  try {
    new Webhook(readFileSync(`${folder}/secret`, "utf8").trim()).verify(body, headers);
    return true;
  } catch (failure) {
    return failure.message;
  }
}

createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", async () => {
    const body = Buffer.concat(parts).toString("utf8");
    const answer = JSON.parse(readFileSync(`${folder}/answer`, "utf8"));
    const note = { method: request.method, url: request.url, headers: request.headers, verified: verified(body, request.headers),
                   body: JSON.parse(body), answered: answer.status };
    appendFileSync(`${folder}/received.jsonl`, JSON.stringify(note) + "\n");
    if (answer.hang) return;
    response.writeHead(answer.status, { "content-type": answer.type ?? "application/json" });
    response.end(answer.body ?? "{}");
  });
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));
