import type { FlashName } from "./components/flash.ts";
import type { ApiResult } from "./console-api.ts";
import type { PageRequest } from "./page-request.ts";
import type { Page } from "./page-route.ts";

/** The text fields of a form. */
export type FormFields = Record<string, string>;

/** The page to return to and the message to show there, a page to be shown once, or why the API refused. */
export type ActionResult = { kind: "done"; location: string; flash: FlashName } | Page;

/** What the submission of a form does. */
export type ActionRoute = {
  path: string;
  /** `file`: that of a form with one. */
  run(request: PageRequest, form: FormFields, file: File | null): Promise<ActionResult>;
};

/** An action that is one API call about one thing, and returns to the page of that thing. */
export function apiAction(
  section: string,
  verb: string,
  flash: FlashName,
  call: (request: PageRequest, form: FormFields) => Promise<ApiResult<unknown>>,
): ActionRoute {
  return {
    path: `/console/${section}/:id/${verb}`,
    async run(request, form) {
      const result = await call(request, form);
      if (result.kind === "refused") return result;
      return { kind: "done", location: `/console/${section}/${request.id}`, flash };
    },
  };
}
