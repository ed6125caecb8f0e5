import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

export type MailMessage = { to: string[]; text: string };

export type TestMailServer = {
  url: string;
  messages: MailMessage[];
  /** Resolves once so many messages came. */
  until(isEnough: (messages: MailMessage[]) => boolean): Promise<void>;
  close(): Promise<void>;
};

/** A mail server on loopback that takes every message. */
export async function startMailServer(): Promise<TestMailServer> {
  const messages: MailMessage[] = [];
  const watchers = new Set<() => void>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", chunk => chunks.push(chunk));
      stream.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        messages.push({ to: session.envelope.rcptTo.map(({ address }) => address), text });
        done();
        for (const look of [...watchers]) look();
      });
    },
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}?from=hakika@example.com`,
    messages,
    until: isEnough =>
      new Promise(resolve => {
        const look = () => {
          if (!isEnough(messages)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    close: () => new Promise(resolve => server.close(() => resolve())),
  };
}
