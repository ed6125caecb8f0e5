import type { IncomingMessage } from "node:http";

export const bodyBytesMax = 1024 * 1024;

/**
 * Reads a request's raw bytes. `too-large` as soon as Content-Length or the count says so: nothing more is read.
 * `aborted`: the sender left before the end.
 */
export function readBytes(incoming: IncomingMessage): Promise<Buffer | "too-large" | "aborted"> {
  const declared = Number(incoming.headers["content-length"] ?? 0);
  if (declared > bodyBytesMax) return Promise.resolve("too-large");
  return new Promise(resolve => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const done = (result: Buffer | "too-large" | "aborted") => {
      incoming.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
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
    const onGone = () => done("aborted");
    incoming.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
  });
}
