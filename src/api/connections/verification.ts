import { z } from "zod";
import { parseRange } from "../../egress/address.ts";

const rangesMax = 200;
const secretCharsMax = 4096;

const headerName = z
  .string()
  .max(128)
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, "must be a header's name: letters, digits and dashes");
const secret = z.string().min(1).max(secretCharsMax);
const range = z
  .string()
  .max(64)
  .refine(text => parseRange(text) !== null, "must be an address or a CIDR, such as 196.201.214.0/24");

const address = z
  .strictObject({
    mode: z.enum(["off", "log", "enforce"]).optional(),
    ranges: z.array(range).max(rangesMax).default([]),
  })
  .refine(({ mode, ranges }) => mode !== "enforce" || ranges.length > 0, {
    path: ["ranges"],
    message: "must name at least one range where mode is enforce: otherwise every callback is refused",
  })
  // Addresses that integrators list are worth a look, never a lost callback: naming some means `log`.
  .transform(({ mode, ranges }) => ({ mode: mode ?? (ranges.length > 0 ? "log" : "off"), ranges }));

/** How callbacks are verified, as it is sent. */
export const verificationInput = z
  .strictObject({
    address: address.prefault({}),
    signature: z
      .strictObject({
        header: headerName,
        algorithm: z.enum(["sha256", "sha512"]),
        encoding: z.enum(["hex", "base64"]),
        prefix: z
          .string()
          .max(100)
          .optional()
          .meta({ description: "What stands before the signature, e.g. `sha256=`" }),
        secret,
      })
      .optional(),
    basic: z
      .strictObject({
        username: z
          .string()
          .min(1)
          .max(256)
          .regex(/^[^:]+$/, "must not hold a colon"),
        password: secret,
      })
      .optional(),
    header: z.strictObject({ name: headerName, value: secret }).optional(),
  })
  .meta({ id: "VerificationInput" });

export type VerificationInput = z.output<typeof verificationInput>;

/** The same without secrets: what is there has its secret set. */
export const verificationSchema = z
  .object({
    address: z.object({
      mode: z.enum(["off", "log", "enforce"]),
      ranges: z.array(z.string().meta({ examples: ["196.201.214.0/24"] })),
    }),
    signature: z
      .object({
        header: z.string(),
        algorithm: z.enum(["sha256", "sha512"]),
        encoding: z.enum(["hex", "base64"]),
        prefix: z.string().optional(),
      })
      .optional(),
    basic: z.object({ username: z.string() }).optional(),
    header: z.object({ name: z.string() }).optional(),
  })
  .meta({
    id: "Verification",
    description: "Without secrets: where `signature`, `basic`, `header` stand, theirs is set.",
  });

export type PlainVerification = z.output<typeof verificationSchema>;

/** What `connections.verification_secrets` seals, as JSON. */
export type VerificationSecrets = { signature?: string; basic?: string; header?: string };

/** Parts what is shown from what is sealed. */
export function splitVerification(input: VerificationInput): {
  plain: PlainVerification;
  secrets: VerificationSecrets;
} {
  const { address, signature, basic, header } = input;
  const plain: PlainVerification = { address };
  const secrets: VerificationSecrets = {};
  if (signature) {
    const { secret, ...rest } = signature;
    plain.signature = rest;
    secrets.signature = secret;
  }
  if (basic) {
    plain.basic = { username: basic.username };
    secrets.basic = basic.password;
  }
  if (header) {
    plain.header = { name: header.name };
    secrets.header = header.value;
  }
  return { plain, secrets };
}

/** The other way: the shape that a merge patch is applied to. */
export function joinVerification(plain: PlainVerification, secrets: VerificationSecrets): Record<string, unknown> {
  return {
    ...plain,
    ...(plain.signature && { signature: { ...plain.signature, secret: secrets.signature } }),
    ...(plain.basic && { basic: { ...plain.basic, password: secrets.basic } }),
    ...(plain.header && { header: { ...plain.header, value: secrets.header } }),
  };
}
