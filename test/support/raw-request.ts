import { connect } from "node:net";

/**
 * Writes these bytes to a server and resolves with everything it says until it closes, or until `isEnough`. For what no
 * HTTP library would send.
 */
export function rawRequest(
  url: string,
  bytes: string | Uint8Array,
  isEnough: (answer: string) => boolean = () => false,
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise(resolve => {
    const socket = connect(Number(port), hostname);
    let answer = "";
    const end = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("data", chunk => {
      answer += chunk.toString("latin1");
      if (isEnough(answer)) end();
    });
    socket.on("close", end).on("error", () => {});
    socket.on("connect", () => socket.write(bytes));
  });
}
