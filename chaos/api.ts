/** JSON of the management API, read as it comes. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
export type Json = any;

const answerMs = 20_000;

/** A call of the management API. Throws where it is refused, or not answered. */
export async function callApi(url: string, key: string, method: string, path: string, body?: object): Promise<Json> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(answerMs),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  return text === "" ? null : JSON.parse(text);
}
