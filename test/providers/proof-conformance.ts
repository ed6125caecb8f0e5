import fc from "fast-check";
import { expect, test } from "vitest";
import type { PublishedKeys, ReceivedCallback } from "../../src/providers/proof.ts";
import type { Credentials, Provider, StoredCallback } from "../../src/providers/provider.ts";
import { damagedCallbacks } from "./damaged-callbacks.ts";
import { bytesOf, type Specimen } from "./specimen.ts";
import { callbackOf } from "./specimen-callback.ts";

/** What a provider verifies with, and how its callbacks are signed. */
export type ProofExample = {
  credentials: Credentials;
  keys?: PublishedKeys;
  sign(callback: StoredCallback): StoredCallback;
};

const runs = 40;

/** The proof of a provider's own: it holds for what the provider signed, and for nothing else. */
export function verifies(provider: Provider, specimens: Specimen[], proof: ProofExample | undefined): void {
  const received = (callback: StoredCallback): ReceivedCallback => ({
    ...callback,
    url: `https://pay.example/in/${provider.id}/t0ken/${callback.channel}`,
  });
  const verify = (callback: StoredCallback, credentials = proof?.credentials ?? {}) =>
    provider.verify!(received(callback), credentials, proof?.keys ?? {});

  test("a signed callback is verified, one without a proof has none", () => {
    expect(proof, "the suite needs to know how callbacks are signed").toBeDefined();
    for (const specimen of specimens) {
      const callback = callbackOf(specimen);
      expect(verify(proof!.sign(callback)), specimen.name).toBe("signed");
      expect(verify(callback), specimen.name).toBe("absent");
    }
  });

  test("a signed callback that was changed afterwards is not verified, nor one under other credentials", () => {
    for (const specimen of specimens) {
      const signed = proof!.sign(callbackOf(specimen));
      const others = Object.fromEntries(Object.entries(proof!.credentials).map(([name]) => [name, "another-secret"]));
      if (!proof!.keys) expect(verify(signed, others), specimen.name).not.toBe("signed");
      const changed = specimens.find(other => other.channel === specimen.channel && other.news !== specimen.news);
      if (!changed) continue;
      // The proof of one callback on the content of another.
      const { headers } = signed;
      const forged = { ...proof!.sign(callbackOf(changed)), headers, body: mixed(signed, callbackOf(changed)) };
      expect(verify(forged), specimen.name).not.toBe("signed");
    }
  });

  test("verifying never throws, whatever is sent", () => {
    const specimen = specimens[0]!;
    fc.assert(
      fc.property(damagedCallbacks(specimen), fc.dictionary(fc.string(), fc.string()), (damaged, headers) => {
        const proofs = ["signed", "refused", "unknown-key", "absent"];
        expect(proofs).toContain(verify({ ...damaged, headers: { ...damaged.headers, ...headers } }));
        expect(proofs).toContain(verify(damaged, {}));
      }),
      { numRuns: runs },
    );
  });
}

/** The body of another callback with the proof that this one carries in its own body, if any. */
function mixed(signed: StoredCallback, other: StoredCallback): Uint8Array {
  try {
    const own = JSON.parse(new TextDecoder().decode(signed.body)) as Record<string, unknown>;
    const content = JSON.parse(new TextDecoder().decode(other.body)) as Record<string, unknown>;
    const proof = Object.entries(own).filter(([name]) => !Object.hasOwn(content, name));
    return bytesOf({ ...content, ...Object.fromEntries(proof) });
  } catch {
    return other.body;
  }
}
