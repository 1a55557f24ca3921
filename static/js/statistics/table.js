// A table of figures as numbers: series by column, one figure a row.

/** The columns marked `data-series`, with the figures of every row that has one in any of them. */
export function readTable(table) {
  const heads = [...table.tHead.rows[0].cells];
  const columns = heads.flatMap((head, index) =>
    "series" in head.dataset ? [{ label: words(head), key: head.dataset.series, index }] : [],
  );
  const rows = [...table.tBodies[0].rows]
    .map((row) => ({
      label: row.cells[0].dataset.label ?? words(row.cells[0]),
      meaning: row.cells[0].dataset.meaning ?? "",
      cells: columns.map(({ index }) => figure(row.cells[index])),
    }))
    .filter((row) => row.cells.some(Boolean));
  return {
    caption: words(table.caption),
    unit: table.dataset.unit,
    columns,
    rows,
    isEmpty: !rows.some((row) => row.cells.some((cell) => cell && (cell.value || cell.high))),
  };
}

/** A cell's figure; null where the table says in words that there is none. */
function figure(cell) {
  const { value, low, high } = cell.dataset;
  if (value === undefined) return null;
  return {
    value: Number(value),
    low: low === undefined ? null : Number(low),
    high: high === undefined ? null : Number(high),
    words: words(cell),
  };
}

const words = (element) => element.textContent.replace(/\s+/g, " ").trim();

/** A label in lines of about so many characters, for the axis. */
export function wrapped(label, width = 18) {
  const lines = [""];
  for (const word of label.split(" ")) {
    const line = lines.at(-1);
    if (line && line.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}
