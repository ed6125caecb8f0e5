import { z } from "zod";
import { type ConnectionSettings, connectionSettings } from "../../connections/settings.ts";
import { storedVerification, verificationInput } from "../../connections/verification.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { AddressRange } from "../../egress/address.ts";
import { checkUrl } from "../../egress/url.ts";
import type { Provider } from "../../providers/provider.ts";
import { providers as registry } from "../../providers/registry.ts";
import { patchOf } from "../openapi/written.ts";
import { type FieldError, invalid, type ProblemDetails } from "../problem.ts";
import { nameInput, urlPattern } from "../schemas/fields.ts";

const credentialCharsMax = 16_384;

/** Whether the provider has it is checked with the provider. */
const credentialName = z.string().meta({
  enum: [...new Set([...registry.values()].flatMap(({ credentials }) => credentials.map(({ name }) => name)))],
});

export const environment = z.enum(["sandbox", "production"]);

/** The fields of a connection, as it is created and as a merge patch leaves it. */
export const connectionFields = {
  name: nameInput.optional(),
  environment,
  base_url: z.string().optional().meta({ pattern: urlPattern, description: "Instead of the provider's own host" }),
  credentials: z
    .record(credentialName, z.string().min(1).max(credentialCharsMax))
    .default({})
    .meta({ description: "Write-only. The provider's page in the documentation lists them." }),
  verification: verificationInput.prefault({}),
  settings: connectionSettings.default({}),
};

const connectionInput = z.strictObject(connectionFields);
export type ConnectionInput = z.output<typeof connectionInput>;

/**
 * The fields as a patch leaves them. A verification that the patch does not touch stays as it is: one from before
 * secrets had a least length must not stop other changes.
 */
export function patchedInput({ verification }: { verification?: unknown }): z.ZodType<ConnectionInput> {
  if (verification !== undefined) return connectionInput;
  return connectionInput.extend({ verification: storedVerification.prefault({}) });
}

/** Any object; the document shows which, and the merged whole is checked. */
function patch(schema: z.ZodType) {
  const { $schema: _, $defs: __, id: ___, ...json } = z.toJSONSchema(schema, { io: "input" }) as JsonObject;
  return z.looseObject({}).meta(patchOf(json));
}

/** A merge patch (RFC 7396): absent fields stay, secrets too, and `null` removes. Checked as a whole after merging. */
export const connectionPatch = z.strictObject({
  name: nameInput.nullable().optional(),
  environment: environment.optional(),
  base_url: z.string().meta({ pattern: urlPattern }).nullable().optional(),
  credentials: z.record(credentialName, z.string().min(1).max(credentialCharsMax).nullable()).nullable().optional(),
  verification: patch(verificationInput).nullable().optional(),
  settings: patch(connectionSettings).nullable().optional(),
});

/** Checks what a schema cannot: the provider's credentials, and the URLs that may be called. */
export function checkConnection(
  input: ConnectionInput,
  provider: Provider | undefined,
  allow: AddressRange[],
): ProblemDetails | null {
  const base = input.base_url === undefined ? null : checkUrl(input.base_url, allow);
  const errors: FieldError[] = [
    ...(base === null || base.ok ? [] : [{ path: "base_url", message: base.problem }]),
    ...credentialErrors(input.credentials, provider),
    ...settingsUrlErrors(input.settings, allow),
  ];
  const [first, ...rest] = errors;
  return first === undefined ? null : invalid([first, ...rest]);
}

function credentialErrors(credentials: Record<string, string>, provider: Provider | undefined): FieldError[] {
  const known = provider?.credentials.map(({ name }) => name) ?? [];
  return Object.keys(credentials)
    .filter(name => !known.includes(name))
    .map(name => ({
      path: `credentials.${name}`,
      message: `is not a credential of ${provider?.name ?? "this provider"}, which has ${known.join(", ") || "none"}`,
    }));
}

function settingsUrlErrors(settings: ConnectionSettings, allow: AddressRange[]): FieldError[] {
  return (["c2b_validation", "airtime_validation", "ussd"] as const).flatMap(name => {
    const url = settings[name]?.url;
    const checked = url === undefined ? null : checkUrl(url, allow);
    return checked === null || checked.ok ? [] : [{ path: `settings.${name}.url`, message: checked.problem }];
  });
}
