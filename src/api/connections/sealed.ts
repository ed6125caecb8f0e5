import type { SecretBox } from "../../database/encryption.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import type { ProviderConnection } from "../../providers/call.ts";
import type { Credentials } from "../../providers/provider.ts";
import type { ConnectionInput } from "./connection-input.ts";
import type { ConnectionRow } from "./store.ts";
import {
  joinVerification,
  type PlainVerification,
  splitVerification,
  type VerificationSecrets,
} from "./verification.ts";

/** The columns a checked input becomes, secrets sealed. */
export function columnsOf(id: string, input: ConnectionInput, name: string, box: SecretBox) {
  const { plain, secrets } = splitVerification(input.verification);
  return {
    name,
    environment: input.environment,
    baseUrl: input.base_url ?? null,
    credentials: box.seal(JSON.stringify(input.credentials), sealContext.credentials(id)),
    credentialNames: Object.keys(input.credentials).sort(),
    verification: plain,
    verificationSecrets: box.seal(JSON.stringify(secrets), sealContext.verificationSecrets(id)),
    settings: input.settings,
  };
}

/** A connection as a provider's folder sees it. */
export function connectionFacts(row: ConnectionRow, box: SecretBox): ProviderConnection {
  return {
    environment: row.environment as ProviderConnection["environment"],
    credentials: JSON.parse(box.open(row.credentials, sealContext.credentials(row.id))) as Credentials,
    settings: row.settings as Record<string, unknown>,
  };
}

/** A connection as the input that would make it: what a merge patch is applied to. */
export function inputOf(row: ConnectionRow, box: SecretBox): Record<string, unknown> {
  const secrets = JSON.parse(box.open(row.verificationSecrets, sealContext.verificationSecrets(row.id)));
  return {
    name: row.name,
    environment: row.environment,
    ...(row.baseUrl !== null && { base_url: row.baseUrl }),
    credentials: JSON.parse(box.open(row.credentials, sealContext.credentials(row.id))),
    verification: joinVerification(row.verification as PlainVerification, secrets as VerificationSecrets),
    settings: row.settings,
  };
}
