import type { Verification } from "../connections/verification.ts";

/** Headers as they are stored: those named in `secrets` become `[verified]`, other credentials `[redacted]`. */
export function redactHeaders(headers: Record<string, string>, secrets: readonly string[]): Record<string, string> {
  const stored: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (secrets.includes(name)) stored[name] = "[verified]";
    else stored[name] = name === "authorization" || name === "cookie" ? "[redacted]" : value;
  }
  return stored;
}

/** Lower-case names of the headers that carry a connection's secrets. */
export function secretHeaders({ signature, basic, header }: Verification): string[] {
  return [
    ...(signature ? [signature.header.toLowerCase()] : []),
    ...(header ? [header.name.toLowerCase()] : []),
    ...(basic ? ["authorization"] : []),
  ];
}
