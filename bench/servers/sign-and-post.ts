import { createHmac } from "node:crypto";
import { Pool } from "undici";

/** Signs as Standard Webhooks does and posts over a pool of kept connections; throws unless the answer is a 2xx. */
export function createPoster(url: string): (id: string, body: string) => Promise<void> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 64 });
  const key = Buffer.from("a secret of the benchmark, 32 B.");
  return async (id, body) => {
    const timestamp = Math.floor(Date.now() / 1000);
    const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    const headers = {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": `v1,${signature}`,
    };
    const answer = await pool.request({ method: "POST", path: pathname, headers, body });
    await answer.body.dump();
    if (answer.statusCode >= 300) throw new Error(`answered ${answer.statusCode}`);
  };
}
