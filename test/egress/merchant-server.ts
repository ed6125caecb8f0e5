import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { onTestFinished } from "vitest";

/** A self-signed certificate for `merchant.example`, valid from 2020 to 2120. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBdzCCARygAwIBAgIBATAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBtZXJjaGFu
dC5leGFtcGxlMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAbMRkw
FwYDVQQDDBBtZXJjaGFudC5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAEAYKHCjXSvoGywtCryUsQczIn2FfCfnjQI6lOCHpYGpZHk+zoswcacRR5VdOf
xib5MxgA0dgmFtvHpr9AKSQwbKNPME0wGwYDVR0RBBQwEoIQbWVyY2hhbnQuZXhh
bXBsZTAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBQ6juJRxepJ2jkn9LGOwzLX
WzcsATAKBggqhkjOPQQDAgNJADBGAiEAzeb86aa2gPgl4FsTo6avRLWxEhhPIkwj
3TA/1MjrNQ8CIQDLj6VZbLSHi0ad63RPl/VGz9Aoqm0dpsMtXXk8Jwzv5A==
-----END CERTIFICATE-----
`;
const certificateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/W0RZ79sIQmmGXjn
hu+5Vl08fARWO1k6BsfHsS4hN0ahRANCAAQBgocKNdK+gbLC0KvJSxBzMifYV8J+
eNAjqU4IelgalkeT7OizBxpxFHlV05/GJvkzGADR2CYW28emv0ApJDBs
-----END PRIVATE KEY-----
`;

/** A server of raw sockets, so that it can send what an HTTP library would refuse to. */
export type MerchantServer = {
  port: number;
  url: string;
  /** Every connection since the start, before TLS begins. */
  connections: Socket[];
  /** Head and body of each request, in order of arrival. */
  requests: string[];
  /** Resolves once `count` requests have arrived. */
  arrived(count: number): Promise<void>;
  /** Resolves once `count` connections have been made. */
  connected(count: number): Promise<void>;
};

/** Calls `answer` with the socket and the text of each whole request. The server is closed when the test ends. */
export async function merchantServer(
  answer: (socket: Socket, request: string) => void,
  options: { tls?: boolean } = {},
): Promise<MerchantServer> {
  const { tls = false } = options;
  const connections: Socket[] = [];
  const requests: string[] = [];
  const watchers = new Set<() => void>();

  function speak(socket: Socket): void {
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", chunk => {
      text += chunk.toString("latin1");
      for (let whole = wholeRequest(text); whole !== null; whole = wholeRequest(text)) {
        text = text.slice(whole.length);
        requests.push(whole);
        for (const watcher of watchers) watcher();
        answer(socket, whole);
      }
    });
  }
  const server: Server = tls ? createTlsServer({ key: certificateKey, cert: certificate }, speak) : createServer(speak);
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => undefined);
    connections.push(socket);
    for (const watcher of watchers) watcher();
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return {
    port,
    url: `${tls ? "https" : "http"}://${tls ? "merchant.example" : "127.0.0.1"}:${port}/hooks?a=1`,
    connections,
    requests,
    arrived: count => until(() => requests.length >= count),
    connected: count => until(() => connections.length >= count),
  };

  function until(isReached: () => boolean): Promise<void> {
    return new Promise(resolve => {
      const watcher = () => {
        if (!isReached()) return;
        watchers.delete(watcher);
        resolve();
      };
      watchers.add(watcher);
      watcher();
    });
  }
}

/** A correct answer with status 200. */
export function ok(body = "", headers = ""): string {
  return `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
}

function wholeRequest(text: string): string | null {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) return null;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1] ?? 0);
  const end = headEnd + 4 + length;
  return text.length >= end ? text.slice(0, end) : null;
}
