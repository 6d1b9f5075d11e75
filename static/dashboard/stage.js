// @ts-check
/** Where the dashboard's screens appear, and how it speaks of what went wrong on them. */
import { stage } from "../shared/stage.js";
import { explain, isOfField } from "./explain.js";
import { text } from "./words.js";

export const show = stage({ page: text("app.title"), explain, isOfField });
