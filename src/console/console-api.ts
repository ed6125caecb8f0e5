import type { InProcessCall } from "../api/api.ts";

/** Why the API refused a call, in words for the person at the console. */
export type ApiRefusal = { kind: "refused"; status: number; detail: string };
export type ApiResult<T> = { kind: "ok"; value: T } | ApiRefusal;

/** The management API, called for the person at the console: the API decides what their key may do. */
export type ConsoleApi = {
  get<T>(path: string, query?: Record<string, string>): Promise<ApiResult<T>>;
  /** `key`: an `Idempotency-Key`. */
  post<T>(path: string, body?: unknown, key?: string): Promise<ApiResult<T>>;
  patch<T>(path: string, body: unknown): Promise<ApiResult<T>>;
  /** Sends a file as it is read. */
  upload<T>(path: string, file: File): Promise<ApiResult<T>>;
  remove(path: string): Promise<ApiResult<null>>;
  bytes(path: string): Promise<ApiResult<Buffer>>;
};

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const jsonType = { "content-type": "application/json" };

/** Calls the API within this process. */
export type RequestApi = (path: string, init: RequestInit, person: InProcessCall) => Response | Promise<Response>;

export function createConsoleApi(request: RequestApi, person: InProcessCall): ConsoleApi {
  async function call(method: string, path: string, body?: unknown, key?: string): Promise<Response | ApiRefusal> {
    const headers = { ...(body !== undefined && jsonType), ...(key !== undefined && { "idempotency-key": key }) };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await request(path, { method, headers, ...sent }, person);
    return response.ok ? response : refusalOf(response);
  }

  async function json<T>(answer: Response | ApiRefusal): Promise<ApiResult<T>> {
    return answer instanceof Response ? { kind: "ok", value: (await answer.json()) as T } : answer;
  }

  return {
    get: async (path, query = {}) => {
      const params = new URLSearchParams(query).toString();
      return json(await call("GET", params === "" ? path : `${path}?${params}`));
    },
    post: async (path, body, key) => json(await call("POST", path, body, key)),
    patch: async (path, body) => json(await call("PATCH", path, body)),
    async upload(path, file) {
      const isWorkbook = /\.xlsx$/i.test(file.name);
      const headers = { "content-type": isWorkbook ? workbookType : "text/csv" };
      const init = { method: "POST", headers, body: file.stream(), duplex: "half" } as RequestInit;
      const response = await request(path, init, person);
      return json(response.ok ? response : await refusalOf(response));
    },
    async remove(path) {
      const answer = await call("DELETE", path);
      return answer instanceof Response ? { kind: "ok", value: null } : answer;
    },
    async bytes(path) {
      const answer = await call("GET", path);
      if (!(answer instanceof Response)) return answer;
      return { kind: "ok", value: Buffer.from(await answer.arrayBuffer()) };
    },
  };
}

/** The detail of the API's problem; a server error also names its `request_id`, which is in the log. */
async function refusalOf(response: Response): Promise<ApiRefusal> {
  const problem = (await response.json().catch(() => ({}))) as { detail?: string; request_id?: string };
  const { detail = "The API refused this call.", request_id } = problem;
  const inLog = response.status >= 500 && request_id !== undefined ? ` (request_id ${request_id})` : "";
  return { kind: "refused", status: response.status, detail: detail + inLog };
}
