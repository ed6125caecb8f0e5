import { type ProblemDetails, wrongFileType } from "./problem.ts";

/** Of a call that takes no file. */
export const noFile: AsyncIterable<Uint8Array> = {
  async *[Symbol.asyncIterator]() {
    // Nothing arrives.
  },
};

/** The body as it arrives, where it is declared as one of the types. The handler bounds it. */
export function openFile(request: Request, types: readonly string[]): AsyncIterable<Uint8Array> | ProblemDetails {
  const type = (request.headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
  if (!types.includes(type)) return wrongFileType(types);
  return request.body ?? noFile;
}
