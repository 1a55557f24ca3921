// The labels that the server knows, by group. A group has a colour and a pattern of its line: the
// colour alone would say nothing to some.
const LINES = [
  { colour: "#ffd447", dash: [] },
  { colour: "#58d6ff", dash: [8, 3] },
  { colour: "#ff9be8", dash: [2, 3] },
  { colour: "#b6f07a", dash: [10, 3, 2, 3] },
];
const UNKNOWN = { colour: "#ffffff", dash: [4, 4] };

export class Vocabulary {
  /** From `<script type="application/json" id="annotation-vocabulary">`: code, name, group,
      group_name and needs_text of each label. */
  constructor(element) {
    this.labels = element ? JSON.parse(element.textContent) : [];
    this.groups = [...new Map(this.labels.map((one) => [one.group, one.group_name]))].map(
      ([code, name], place) => ({ code, name, line: LINES[place % LINES.length] }),
    );
  }

  label(code) {
    return this.labels.find((one) => one.code === code) ?? null;
  }

  /** "Globules", or what was written where the label itself is free text. */
  name({ label, text }) {
    const known = this.label(label);
    if (!label) return "No label yet";
    return (known?.needs_text && text) || known?.name || label;
  }

  line(code) {
    const group = this.label(code)?.group;
    return this.groups.find((one) => one.code === group)?.line ?? UNKNOWN;
  }
}
