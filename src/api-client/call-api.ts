import type { ApiClient, ClientRequest, ClientResponse } from "../cli/connect-api.ts";

type ApiProblem = { detail?: string; request_id?: string; errors?: { path: string; message: string }[] };

/** A refusal of the API, with all it said. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly problem: ApiProblem;
  constructor(request: ClientRequest, status: number, problem: ApiProblem) {
    super(wordsOf(request, status, problem));
    this.status = status;
    this.problem = problem;
  }
}

/** The JSON an API call answers; null where it answers nothing. Throws `Refused` with the reason and every field that is wrong. */
export async function callApi<T>(api: ApiClient, request: ClientRequest): Promise<T> {
  const answer = await api.send(request);
  const text = answer.bytes.toString();
  if (answer.status < 300) return (text === "" ? null : JSON.parse(text)) as T;
  throw refusalOf(request, answer);
}

/** The refusal in an answer. */
export function refusalOf(request: ClientRequest, { status, bytes }: ClientResponse): ApiRefusal {
  return new ApiRefusal(request, status, problemOf(bytes.toString()));
}

function problemOf(text: string): ApiProblem {
  try {
    return JSON.parse(text) as ApiProblem;
  } catch {
    return { detail: text.slice(0, 200) };
  }
}

function wordsOf({ method, path }: ClientRequest, status: number, { detail, errors, request_id }: ApiProblem): string {
  const fields = errors?.map(({ path: field, message }) => `\n  - ${field === "" ? "" : `${field}: `}${message}`) ?? [];
  const said = fields.length > 0 ? "the server refused it:" : (detail ?? `${method} ${path} answered ${status}`);
  const hint = status >= 500 && request_id ? `\n  the server's log has the reason under request_id ${request_id}` : "";
  return `${said}${fields.join("")}${hint}`;
}
