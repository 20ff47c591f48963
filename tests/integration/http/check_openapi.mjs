// Is openapi.json valid, and is every answer one that it describes? node check_openapi.mjs OPENAPI EXCHANGES
// EXCHANGES: one JSON object to a line: method, path, status, type, body.
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { Validator } from "@seriousme/openapi-schema-validator";

const [document, exchanges] = process.argv.slice(2);
const openapi = JSON.parse(readFileSync(document, "utf8"));
const wrong = [];
const valid = await new Validator().validate(structuredClone(openapi));
if (!valid.valid) wrong.push(`${document}: ${JSON.stringify(valid.errors)}`);

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(openapi, "openapi");
const escaped = (name) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));
const fits = (template, path) => new RegExp(`^${template.replaceAll(".", "\\.").replaceAll(/\{[^}]+\}/g, "[^/]+")}$`).test(path);

function problem_with({ method, path, status, type, body }) {
  const bare = path.split("?")[0];
  const template = Object.keys(openapi.paths).find((name) => fits(name, bare) && openapi.paths[name][method.toLowerCase()]);
  let pointer = "#/components/responses/Problem";
  let described = openapi.components.responses.Problem;
  if (template !== undefined) {
    const responses = openapi.paths[template][method.toLowerCase()].responses;
    const key = responses[status] ? String(status) : "default";
    if (!responses[key]) return "the status is not described";
    if (!responses[key].$ref) {
      pointer = `#/paths/${escaped(template)}/${method.toLowerCase()}/responses/${key}`;
      described = responses[key];
    }
  }
  const media = type.split(";")[0];
  if (!described.content[media]) return `the type ${media} is not described`;
  const validate = ajv.compile({ $ref: `openapi${pointer}/content/${escaped(media)}/schema` });
  return validate(body) ? undefined : JSON.stringify(validate.errors);
}

const seen = new Set();
for (const line of readFileSync(exchanges, "utf8").split("\n").filter(Boolean)) {
  const one = JSON.parse(line);
  seen.add(`${one.method} ${one.status}`);
  const why = problem_with(one);
  if (why) wrong.push(`${one.method} ${one.path} ${one.status}: ${why}\n${JSON.stringify(one.body)}`);
}
console.log(wrong.length ? wrong.join("\n") : `valid: ${[...seen].sort().join(", ")}`);
process.exit(wrong.length ? 1 : 0);
