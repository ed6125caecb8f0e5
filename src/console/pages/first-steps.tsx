import type { ConsoleApi } from "../console-api.ts";

/** Whether nothing is set up: the page then says how to begin. */
export async function hasNoConnection(api: ConsoleApi): Promise<boolean> {
  const result = await api.get<{ data: unknown[] }>("/v1/connections", { limit: "1" });
  return result.kind === "ok" && result.value.data.length === 0;
}

/** What to do on a new installation, until there is a connection. A merchant's own key begins at the second step. */
export function FirstSteps({ isAdmin }: { isAdmin: boolean }) {
  return (
    <section aria-labelledby="first-steps">
      <h2 id="first-steps">First steps</h2>
      <ol>
        {isAdmin && (
          <li>
            A merchant, and a key for its programs: <code>hakika merchants create "My shop"</code>
          </li>
        )}
        <li>
          A connection to a provider, which answers with the callback URLs that the provider needs:{" "}
          <code>hakika connections create --merchant mer_... --provider daraja --environment sandbox</code>
        </li>
        <li>
          An endpoint, where events are sent, signed:{" "}
          <code>hakika endpoints create --merchant mer_... --url https://example.com/hooks</code>. Without a public
          address: <code>hakika listen --forward-to http://127.0.0.1:3000/hooks</code>
        </li>
        <li>
          A payment from end to end, without a provider: <code>hakika simulate daraja stk-success</code>
        </li>
      </ol>
      <p>
        The API does the same: <a href="/docs">every call</a>.
      </p>
    </section>
  );
}
