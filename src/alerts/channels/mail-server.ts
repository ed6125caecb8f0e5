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
