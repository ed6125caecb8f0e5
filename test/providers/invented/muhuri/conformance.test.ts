import type { StoredCallback } from "../../../../src/providers/provider.ts";
import { conformance } from "../../conformance.ts";
import { bytesOf, loadSpecimens } from "../../specimen.ts";
import { muhuri, saysByEvent, signatureOf } from "./muhuri.ts";

const signingKey = "a-signing-key";

function sign(callback: StoredCallback): StoredCallback {
  const body = JSON.parse(new TextDecoder().decode(callback.body)) as Record<string, unknown>;
  return { ...callback, body: bytesOf({ ...body, signature: signatureOf(body, signingKey) }) };
}

conformance(muhuri, loadSpecimens("invented/muhuri"), {
  tables: { events: saysByEvent },
  proof: { credentials: { signing_key: signingKey }, sign },
});
