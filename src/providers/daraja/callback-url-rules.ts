/** Words that Daraja accepts in no callback URL (its Go-Live guide). `exe` covers `exec`, which the guide names too. */
export const refusedUrlWords = ["mpesa", "m-pesa", "safaricom", "exe", "cmd", "sql", "query"] as const;

/**
 * Why Daraja would not take a callback URL, in plain words without the URL: it holds the connection's secret. Null
 * where it may.
 */
export function urlProblem(
  channel: string,
  url: string | undefined,
  environment: "sandbox" | "production",
): string | null {
  if (url === undefined) return `There is no callback URL for ${channel}.`;
  if (!URL.canParse(url)) return `The callback URL for ${channel} is no URL; check HAKIKA_PUBLIC_URL.`;
  const { protocol, pathname } = new URL(url);
  if (environment === "production" && protocol !== "https:") {
    return (
      `Daraja accepts only https callback URLs in production, and the one for ${channel} is not; ` +
      "check HAKIKA_PUBLIC_URL."
    );
  }
  const word = refusedUrlWords.find(each => pathname.toLowerCase().includes(each));
  if (word === undefined) return null;
  return (
    `Daraja accepts no callback URL whose path contains "${word}", and the one for ${channel} does: rotate the ` +
    "token, or change the path in HAKIKA_PUBLIC_URL."
  );
}
