import { createHash } from "node:crypto";
import { detail } from "./detail.ts";
import { form } from "./form.ts";
import { frame } from "./frame.ts";
import { notice } from "./notice.ts";
import { table } from "./table.ts";
import { text } from "./text.ts";
import { theme } from "./theme.ts";

/** The one style sheet of the console. Pages load nothing else. */
export const style = [theme, text, frame, table, form, notice, detail].join("");

/** The path changes with the content, so browsers may keep the file for ever. */
export const stylePath = `/console/style-${createHash("sha256").update(style).digest("hex").slice(0, 12)}.css`;
