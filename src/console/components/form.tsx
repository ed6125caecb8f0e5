import { randomUUID } from "node:crypto";
import type { Child, PropsWithChildren } from "hono/jsx";
import { words } from "./words.ts";

/** A form of one button, for an action without fields. */
export function ActionButton({ action, primary, children }: PropsWithChildren<{ action: string; primary?: boolean }>) {
  return (
    <form method="post" action={action}>
      <button type="submit" class={primary ? "primary" : undefined}>
        {children}
      </button>
    </form>
  );
}

/** Forms of one button beside each other. */
export function Actions({ children }: PropsWithChildren) {
  return <div class="actions">{children}</div>;
}

/** A form with fields, one below the other. */
export function StackedForm({ action, submit, children }: PropsWithChildren<{ action: string; submit: string }>) {
  return (
    <form method="post" action={action} class="stack">
      {children}
      <button type="submit" class="primary">
        {submit}
      </button>
    </form>
  );
}

type TextFieldProps = { label: string; name: string; value: string; isTime?: true | undefined };

/** A text, or a date with a time. */
export function TextField({ label, name, value, isTime }: TextFieldProps) {
  return (
    <label>
      {label}
      <input
        name={name}
        value={value}
        type={isTime ? "datetime-local" : "text"}
        autocomplete="off"
        spellcheck={false}
      />
    </label>
  );
}

type TextAreaProps = { label: string; name: string; charsMax: number; optional?: boolean };

export function TextArea({ label, name, charsMax, optional = false }: TextAreaProps) {
  return (
    <label>
      {label}
      <textarea name={name} required={!optional} maxlength={charsMax} rows={3} />
    </label>
  );
}

type SelectProps = { label: string; name: string; options: readonly string[]; value?: string; children?: Child };

/** The `Idempotency-Key` of a form: made with the page, so that pressing twice sends one order. */
export function OrderKey() {
  return <input type="hidden" name="key" value={randomUUID()} />;
}

/** A choice of API names, shown as words. Children come before the options. */
export function SelectField({ label, name, options, value, children }: SelectProps) {
  return (
    <label>
      {label}
      <select name={name}>
        {children}
        {options.map(option => (
          <option value={option} selected={option === value}>
            {words(option)}
          </option>
        ))}
      </select>
    </label>
  );
}
