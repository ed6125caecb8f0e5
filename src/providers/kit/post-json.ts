import type { ProviderCall } from "../call.ts";

/** A POST of a JSON body. */
export function postJson(
  path: string,
  body: Record<string, unknown>,
  more: Pick<ProviderCall, "auth"> & { headers?: Record<string, string> } = {},
): ProviderCall {
  const { headers, ...rest } = more;
  return {
    method: "POST",
    path,
    headers: { "content-type": "application/json", accept: "application/json", ...headers },
    body: JSON.stringify(body),
    ...rest,
  };
}
