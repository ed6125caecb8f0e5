import type { Child } from "hono/jsx";
import type { Section } from "./components/layout.tsx";
import type { ApiRefusal } from "./console-api.ts";
import type { PageRequest } from "./page-request.ts";

/** What a page shows, how soon it is to be loaded again, or why the API refused to show it. */
export type Page = { kind: "page"; title: string; body: Child; refreshS?: number } | ApiRefusal;

/** A page: its path, the section of the navigation it belongs to (null: none), and how it is rendered. */
export type PageRoute = { path: string; section: Section | null; render(request: PageRequest): Promise<Page> };
