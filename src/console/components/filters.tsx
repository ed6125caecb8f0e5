import { SelectField, TextField } from "./form.tsx";

/** A field to filter a list by, named as in the API. A choice if it has `options`, otherwise a time or a text. */
export type ListFilter = { name: string; label: string; options?: readonly string[]; isTime?: true };

/** The filters of lists by time. */
export const createdFilters: readonly ListFilter[] = [
  { name: "created_after", label: "From", isTime: true },
  { name: "created_before", label: "Before", isTime: true },
];

type FiltersProps = { path: string; filters: ListFilter[]; chosen: Record<string, string> };

/** The form above a list. */
export function Filters({ path, filters, chosen }: FiltersProps) {
  if (filters.length === 0) return null;
  return (
    <search>
      <form class="filters" method="get" action={path}>
        {filters.map(({ name, label, options, isTime }) =>
          options === undefined ? (
            <TextField label={label} name={name} value={chosen[name] ?? ""} isTime={isTime} />
          ) : (
            <SelectField label={label} name={name} options={options} value={chosen[name] ?? ""}>
              <option value="">any</option>
            </SelectField>
          ),
        )}
        <button type="submit">Filter</button>
        {Object.keys(chosen).length > 0 && <a href={path}>Clear</a>}
      </form>
    </search>
  );
}
