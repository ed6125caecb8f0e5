import { expect, test } from "vitest";
import { baseUrlOf } from "../../src/providers/base-url.ts";
import { kodipay } from "../../src/providers/kodipay/kodipay.ts";
import type { Provider } from "../../src/providers/provider.ts";

const hosts = { pay: "https://pay.example/v3", auth: "https://auth.example" };
const twoHosts: Provider = { ...kodipay, baseUrls: { sandbox: hosts, production: hosts } };
const production = { environment: "production", baseUrl: null } as const;

test("a call goes to the host that it names, and to the first where it names none", () => {
  expect(baseUrlOf(kodipay, production)).toBe("https://api-kodipay.kodinet.cd");
  expect(baseUrlOf(twoHosts, production)).toBe("https://pay.example/v3");
  expect(baseUrlOf(twoHosts, production, "auth")).toBe("https://auth.example");
  expect(() => baseUrlOf(twoHosts, production, "elsewhere")).toThrow("elsewhere");
});

test("a connection's base URL stands in for every host, and keeps the path", () => {
  const own = { ...production, baseUrl: "http://127.0.0.1:9/" };
  expect(baseUrlOf(kodipay, own)).toBe("http://127.0.0.1:9");
  expect(baseUrlOf(twoHosts, own, "pay")).toBe("http://127.0.0.1:9/v3");
  expect(baseUrlOf(twoHosts, own, "auth")).toBe("http://127.0.0.1:9");
});
