import { createTransport } from "nodemailer";
import { type AddressRange, isCovered } from "../../egress/address.ts";
import { connectTcp } from "../../egress/tcp.ts";
import type { MessageText } from "./message-text.ts";

/** The mail server of `HAKIKA_SMTP_URL`: `smtp://user:password@host:587?from=...`, or `smtps://`. */
export type MailServer = {
  host: string;
  port: number;
  /** TLS from the first byte. Otherwise STARTTLS is used where the server offers it. */
  isSecure: boolean;
  user: string | null;
  password: string | null;
  from: string;
};

const ports = { smtp: 587, smtps: 465 } as const;

/** Reads `HAKIKA_SMTP_URL`; a text says what is wrong, and never repeats the URL. */
export function parseMailServer(text: string): MailServer | string {
  const form =
    "write smtp://user:password@host:587 or smtps://..., with ?from=hakika@example.com where the user is none";
  if (!URL.canParse(text)) return form;
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  if ((scheme !== "smtp" && scheme !== "smtps") || url.hostname === "") return form;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const user = url.username === "" ? null : decodeURIComponent(url.username);
  return {
    host,
    port: url.port === "" ? ports[scheme] : Number(url.port),
    isSecure: scheme === "smtps",
    user,
    password: url.password === "" ? null : decodeURIComponent(url.password),
    from:
      url.searchParams.get("from") ??
      (user?.includes("@") ? user : `hakika@${host.includes(":") ? "localhost" : host}`),
  };
}

/**
 * Sends one message. Rejects with the mail server's words. The server's address is checked as every other one, and a
 * password leaves this machine's allowed addresses over TLS alone.
 */
export async function sendEmail(
  server: MailServer,
  to: string,
  { subject, body }: MessageText,
  { allow, timeoutMs }: { allow: readonly AddressRange[]; timeoutMs: number },
): Promise<void> {
  const { host, port, isSecure, user, password, from } = server;
  const connection = await connectTcp({ host, port, allow, timeoutMs });
  const isPrivate = isCovered(connection.remoteAddress ?? "", allow);
  const transport = createTransport({
    ...{ host, port, connection, secure: isSecure, requireTLS: user !== null && !isPrivate },
    ...{ greetingTimeout: timeoutMs, socketTimeout: timeoutMs, disableFileAccess: true, disableUrlAccess: true },
    ...(user !== null && { auth: { user, pass: password ?? "" } }),
  });
  try {
    await transport.sendMail({ from, to, subject, text: body });
  } finally {
    transport.close();
    connection.destroy();
  }
}
