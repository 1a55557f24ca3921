// Fillings that can be told apart without colour.

const SIZE = 8;

/** A colour as it is, or with stripes, dots or a grid of the surface's colour. */
export function filling(kind, colour, surface) {
  if (kind === "plain") return colour;
  const tile = document.createElement("canvas");
  tile.width = tile.height = SIZE;
  const pen = tile.getContext("2d");
  pen.fillStyle = colour;
  pen.fillRect(0, 0, SIZE, SIZE);
  pen.strokeStyle = pen.fillStyle = surface;
  pen.lineWidth = 2;
  DRAW[kind](pen);
  return pen.createPattern(tile, "repeat");
}

const line = (pen, ...points) => {
  pen.beginPath();
  pen.moveTo(points[0], points[1]);
  pen.lineTo(points[2], points[3]);
  pen.stroke();
};

const DRAW = {
  stripes(pen) {
    line(pen, -2, 2, 2, -2);
    line(pen, -2, SIZE + 2, SIZE + 2, -2);
    line(pen, SIZE - 2, SIZE + 2, SIZE + 2, SIZE - 2);
  },
  dots(pen) {
    pen.beginPath();
    pen.arc(SIZE / 2, SIZE / 2, 2, 0, 2 * Math.PI);
    pen.fill();
  },
  bars(pen) {
    line(pen, 0, SIZE / 2, SIZE, SIZE / 2);
  },
};
