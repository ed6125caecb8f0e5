import type { ConnectionSettings } from "../../connections/settings.ts";
import {
  joinSecrets,
  shownVerification,
  splitSecrets,
  type VerificationSecrets,
} from "../../connections/verification.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import type { ConnectionInput } from "./connection-input.ts";
import type { ConnectionRow } from "./store.ts";

/** The columns of a checked input, with secrets sealed. */
export function columnsOf(id: string, input: ConnectionInput, name: string, box: SecretBox) {
  const { shown, secrets } = splitSecrets(input.verification);
  return {
    name,
    environment: input.environment,
    baseUrl: input.base_url ?? null,
    credentials: box.seal(JSON.stringify(input.credentials), sealContext.credentials(id)),
    credentialNames: Object.keys(input.credentials).sort(),
    verification: shown,
    verificationSecrets: box.seal(JSON.stringify(secrets), sealContext.verificationSecrets(id)),
    settings: input.settings,
  };
}

/** The input that would create the connection: a merge patch applies to it. */
export function inputOf(row: ConnectionRow, box: SecretBox) {
  const secrets: VerificationSecrets = JSON.parse(
    box.open(row.verificationSecrets, sealContext.verificationSecrets(row.id)),
  );
  return {
    name: row.name,
    environment: row.environment,
    ...(row.baseUrl !== null && { base_url: row.baseUrl }),
    credentials: JSON.parse(box.open(row.credentials, sealContext.credentials(row.id))) as Record<string, string>,
    verification: joinSecrets(shownVerification.parse(row.verification), secrets),
    settings: row.settings as ConnectionSettings,
  };
}

/** The columns of a connection whose secrets are erased. */
export function withoutSecrets(id: string, box: SecretBox) {
  return {
    credentials: box.seal("{}", sealContext.credentials(id)),
    credentialNames: [],
    verificationSecrets: box.seal("{}", sealContext.verificationSecrets(id)),
    forwardSecret: box.seal("", sealContext.forwardSecret(id)),
  };
}
