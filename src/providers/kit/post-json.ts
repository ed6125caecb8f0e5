import type { Call } from "../call.ts";

/** A POST of a JSON body. */
export function postJson(
  path: string,
  body: Record<string, unknown>,
  more: Pick<Call, "auth"> & { headers?: Record<string, string> } = {},
): Call {
  const { headers, ...rest } = more;
  return {
    method: "POST",
    path,
    headers: { "content-type": "application/json", accept: "application/json", ...headers },
    body: JSON.stringify(body),
    ...rest,
  };
}
