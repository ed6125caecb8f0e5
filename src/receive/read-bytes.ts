import type { IncomingMessage } from "node:http";

/** The longest body of a callback, in bytes. A longer one is answered 413. */
export const bodyBytesMax = 1024 * 1024;

/**
 * Reads a request's raw bytes. Resolves to `too-large` as soon as Content-Length or the count exceeds 1 MiB, and reads
 * no further. `aborted`: the sender hung up before the end of the body.
 */
export function readBytes(incoming: IncomingMessage): Promise<Buffer | "too-large" | "aborted"> {
  const declared = Number(incoming.headers["content-length"] ?? 0);
  if (declared > bodyBytesMax) return Promise.resolve("too-large");
  return new Promise(resolve => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const done = (result: Buffer | "too-large" | "aborted") => {
      incoming.off("data", onData).off("end", onEnd).off("error", onAbort).off("close", onAbort);
      resolve(result);
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyBytesMax) {
        chunks.push(chunk);
        return;
      }
      incoming.pause();
      done("too-large");
    };
    const onEnd = () => done(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes));
    const onAbort = () => done("aborted");
    incoming.on("data", onData).on("end", onEnd).on("error", onAbort).on("close", onAbort);
  });
}
