import type { ApiClient, ClientRequest, ClientResponse } from "./api-client.ts";

/** The RFC 9457 body of a refusal. */
type ProblemBody = { detail?: string; request_id?: string; errors?: { path: string; message: string }[] };

/** A refusal of the API. The message has the reason and every wrong field. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: ProblemBody;
  constructor(request: ClientRequest, status: number, problem: ProblemBody) {
    super(messageOf(request, status, problem));
    this.status = status;
    this.problem = problem;
  }
}

/** Sends a request and returns the JSON of the response; null for an empty one. Throws `ApiRefusal`. */
export async function callApi<T>(api: ApiClient, request: ClientRequest): Promise<T> {
  const response = await api.send(request);
  if (response.status >= 300) throw refusalOf(request, response);
  const text = response.bytes.toString();
  return text === "" ? (null as T) : JSON.parse(text);
}

export function refusalOf(request: ClientRequest, { status, bytes }: ClientResponse): ApiError {
  return new ApiError(request, status, problemIn(bytes.toString()));
}

function problemIn(text: string): ProblemBody {
  try {
    return JSON.parse(text);
  } catch {
    return { detail: text.slice(0, 200) };
  }
}

function messageOf(
  { method, path }: ClientRequest,
  status: number,
  { detail, errors, request_id }: ProblemBody,
): string {
  const fields = errors?.map(({ path: field, message }) => `\n  - ${field === "" ? "" : `${field}: `}${message}`) ?? [];
  const reason = fields.length > 0 ? "the server refused it:" : (detail ?? `${method} ${path} returned ${status}`);
  const hint = status >= 500 && request_id ? `\n  the server's log has the reason under request_id ${request_id}` : "";
  return `${reason}${fields.join("")}${hint}`;
}
