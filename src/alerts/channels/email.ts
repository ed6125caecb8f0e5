import { createTransport } from "nodemailer";
import { type AddressRange, isCovered } from "../../egress/address.ts";
import { connectTcp } from "../../egress/tcp.ts";
import type { MailServer } from "./mail-server.ts";
import type { MessageText } from "./message-text.ts";

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
