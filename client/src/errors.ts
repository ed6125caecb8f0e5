/** A field that is wrong, and why. */
export type FieldError = { path: string; message: string };

/** RFC 9457, as the API answers a refusal. */
export type Problem = {
  type?: string;
  title?: string;
  status: number;
  detail: string;
  request_id?: string;
  errors?: FieldError[];
  [more: string]: unknown;
};

/** A refusal of the API. The message has the reason and every wrong field. */
export class HakikaError extends Error {
  override readonly name: string = "HakikaError";
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** `about:blank`, or the name of a kind of problem, such as `registration-differs`. */
  readonly type: string;
  readonly detail: string;
  /** As in the server's log. Null where there was no answer. */
  readonly requestId: string | null;
  readonly errors: readonly FieldError[];
  /** The whole problem, with what this kind of problem adds. */
  readonly problem: Problem;

  constructor(problem: Problem, requestId: string | null = null, options?: ErrorOptions) {
    const fields = (problem.errors ?? []).map(({ path, message }) => `${path === "" ? "" : `${path}: `}${message}`);
    super(fields.length > 0 ? fields.join("; ") : problem.detail, options);
    this.status = problem.status;
    this.type = problem.type ?? "about:blank";
    this.detail = problem.detail;
    this.requestId = problem.request_id ?? requestId;
    this.errors = problem.errors ?? [];
    this.problem = problem;
  }
}

/** No answer came, however often it was tried. */
export class HakikaConnectionError extends HakikaError {
  override readonly name = "HakikaConnectionError";
  constructor(cause: unknown) {
    super({ status: 0, detail: `There was no answer: ${reasonOf(cause)}` }, null, { cause });
  }
}

/** A webhook that Hakika did not sign with this secret, or that is too old. */
export class WebhookVerificationError extends HakikaError {
  override readonly name = "WebhookVerificationError";
  constructor(detail: string) {
    super({ status: 400, detail });
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error && cause.cause.message !== "" ? cause.cause.message : cause.message;
}
