// Small pieces of the page that several parts of the stage are made of.
export function element(name, attributes = {}, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

/** A piece of the line with which a group is drawn. */
export function swatch({ colour, dash }) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  const line = document.createElementNS(space, "line");
  const numbers = { x1: 1, y1: 6, x2: 23, y2: 6, stroke: colour, "stroke-width": 3, "stroke-dasharray": dash.join(" ") };
  for (const [key, value] of Object.entries(numbers)) line.setAttribute(key, value);
  picture.setAttribute("class", "stage-swatch");
  picture.setAttribute("viewBox", "0 0 24 12");
  picture.setAttribute("aria-hidden", "true");
  picture.append(line);
  return picture;
}
