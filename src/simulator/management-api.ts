type ApiRequest = {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string | undefined>;
  body?: unknown;
};

/** The management API, as a simulation uses it. */
export type ManagementApi = {
  url: string;
  /**
   * The JSON of the answer. Throws where the call is refused: an error with the HTTP `status` and the reason as its
   * message.
   */
  call<T>(request: ApiRequest): Promise<T>;
  /** The answer, refusals included. */
  send(request: ApiRequest): Promise<{ status: number; text: string }>;
};

/** One page of a list. */
export type ManagementApiPage<T> = { data: T[]; next_cursor: string | null };
