// @ts-check
/** QR codes (ISO/IEC 18004), by the library `qr` as it was published (vendor/), drawn as one SVG path. */
import { encodeQR } from "../vendor/qr.js";

const SVG = "http://www.w3.org/2000/svg";
const QUIET = 4; // modules of white around it, which cameras need

/**
 * A QR code of a text. It is black on white in dark mode too: cameras read no other.
 * @param {string} text
 * @param {string} label for those who can not see it
 * @returns {SVGSVGElement}
 */
export function draw(text, label) {
  const rows = matrix(text);
  const size = rows.length;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("class", "qr");
  const paper = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ width: size, height: size, fill: "#fff" })) {
    paper.setAttribute(name, String(value));
  }
  const ink = document.createElementNS(SVG, "path");
  ink.setAttribute("fill", "#000");
  const squares = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : [])));
  ink.setAttribute("d", squares.join(""));
  svg.append(paper, ink);
  return svg;
}

/** @param {string} text @returns {boolean[][]} rows of modules, true is dark, with the white around it */
export function matrix(text) {
  return encodeQR(text, "raw", { ecc: "medium", border: QUIET });
}
