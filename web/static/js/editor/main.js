// The editor of an entry. Each part works alone; without scripts the form is a plain form.

import { wireAutosave } from "./autosave.js";
import { wireFinder } from "./finder.js";
import { wireLines } from "./lines.js";
import { wirePaste } from "./paste.js";
import { wirePreview } from "./preview.js";
import { wireReading } from "./reading.js";
import { wireToolbar } from "./toolbar.js";

const form = document.querySelector("form[data-editor]");

wireToolbar();
wirePaste();
form.querySelectorAll("textarea[data-lines]").forEach(wireLines);
form.querySelectorAll("[data-rate]").forEach(wireReading);
form.querySelectorAll("[data-finder]").forEach(wireFinder);
wirePreview(form, form.querySelector("[data-preview]"));
wireAutosave(form);
