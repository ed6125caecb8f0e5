/** Why something cannot be shown or done, in words for people. */
export type Refused = { kind: "refused"; status: number; detail: string };
export type Got<T> = { kind: "got"; value: T } | Refused;

/** The management API as the visitor may use it: with the visitor's key, so that what is allowed is decided there and only there. */
export type Api = {
  get<T>(path: string, query?: Record<string, string>): Promise<Got<T>>;
  post<T>(path: string, body?: unknown): Promise<Got<T>>;
  patch<T>(path: string, body: unknown): Promise<Got<T>>;
  bytes(path: string): Promise<Got<Buffer>>;
};

type Problem = { detail?: string; request_id?: string };

/** A request to the API within this process. */
export type RequestApi = (path: string, init: RequestInit) => Response | Promise<Response>;

export function createApi(request: RequestApi, key: string): Api {
  async function call(method: string, path: string, body?: unknown): Promise<Response | Refused> {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    };
    const response = await request(path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.ok) return response;
    const { detail = "The API refused this.", request_id } = (await response.json().catch(() => ({}))) as Problem;
    const inLog = response.status >= 500 && request_id !== undefined ? ` (request_id ${request_id})` : "";
    return { kind: "refused", status: response.status, detail: detail + inLog };
  }

  async function json<T>(answer: Response | Refused): Promise<Got<T>> {
    return answer instanceof Response ? { kind: "got", value: (await answer.json()) as T } : answer;
  }

  return {
    get: async (path, query = {}) => {
      const params = new URLSearchParams(query).toString();
      return json(await call("GET", params === "" ? path : `${path}?${params}`));
    },
    post: async (path, body) => json(await call("POST", path, body)),
    patch: async (path, body) => json(await call("PATCH", path, body)),
    async bytes(path) {
      const answer = await call("GET", path);
      if (!(answer instanceof Response)) return answer;
      return { kind: "got", value: Buffer.from(await answer.arrayBuffer()) };
    },
  };
}
