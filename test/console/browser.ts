let visitors = 0;

/**
 * A browser as far as the console needs one: it keeps a cookie, follows no redirects and sends the origin of a form.
 * Each browser has its own address, forwarded by a proxy.
 */
export function browser(url: string) {
  let cookie = "";
  const address = `192.0.2.${++visitors}`;

  async function ask(path: string, init: RequestInit = {}) {
    const response = await fetch(url + path, {
      redirect: "manual",
      ...init,
      headers: {
        "x-forwarded-for": address,
        ...(cookie !== "" && { cookie }),
        ...(init.headers as Record<string, string>),
      },
    });
    const set = response.headers.get("set-cookie");
    if (set !== null) cookie = /Max-Age=0/i.test(set) ? "" : set.split(";")[0]!;
    return { status: response.status, headers: response.headers, text: await response.text(), set };
  }

  return {
    get: (path: string, headers: Record<string, string> = {}) => ask(path, { headers }),
    /** Sends a form; by default from a page of the same site. */
    send: (path: string, form: Record<string, string>, headers: Record<string, string> = { origin: url }) =>
      ask(path, { method: "POST", body: new URLSearchParams(form), headers }),
    cookie: () => cookie,
    takeCookie(other: string) {
      cookie = other;
    },
  };
}

export type Browser = ReturnType<typeof browser>;

export async function signedIn(url: string, key: string): Promise<Browser> {
  const visitor = browser(url);
  const { status } = await visitor.send("/console/login", { key });
  if (status !== 303) throw new Error(`not signed in: ${status}`);
  return visitor;
}
