import { isJsonObject, type JsonObject } from "../domain/json.ts";
import { invalid, malformed, type ProblemDetails, tooLarge, wrongType } from "./problem.ts";
import { findUnstorable } from "./unstorable.ts";

const bodyBytesMax = 1024 * 1024;

type BodyRead = { kind: "body"; value: JsonObject };

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a JSON object of at most 1 MiB. A missing body counts as `{}` where it is `optional`. A value that PostgreSQL
 * cannot store is refused here, by its path, before the handler runs.
 */
export async function readBody(request: Request, optional: boolean): Promise<BodyRead | ProblemDetails> {
  if (Number(request.headers.get("content-length") ?? 0) > bodyBytesMax) return tooLarge(bodyBytesMax);
  const bytes = await readBounded(request);
  if (bytes === null) return tooLarge(bodyBytesMax);
  if (bytes.length === 0) {
    return optional ? { kind: "body", value: {} } : malformed("The body is empty: send a JSON object.");
  }
  const type = (request.headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
  if (!/^application\/([\w.-]+\+)?json$/.test(type)) return wrongType();
  return parse(bytes);
}

function parse(bytes: Uint8Array): BodyRead | ProblemDetails {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    return malformed(`The body is not ${error instanceof SyntaxError ? `JSON${positionIn(error)}` : "UTF-8 text"}.`);
  }
  if (!isJsonObject(value)) return malformed("The body is not a JSON object: send {...}.");
  const unstorable = findUnstorable(value);
  return unstorable === null ? { kind: "body", value } : invalid([unstorable]);
}

// V8's message quotes the text, which may contain a secret; only the position is passed on.
function positionIn(error: SyntaxError): string {
  const at = /position (\d+)/.exec(error.message)?.[1];
  return at === undefined ? "" : ` (see position ${at})`;
}

/** The body's bytes; null for a body that is too large, which is not read to its end. */
async function readBounded(request: Request): Promise<Uint8Array | null> {
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.length;
    if (length > bodyBytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
