/** What the script adds to a piece of page; run once for the page and again for every piece that is replaced. */

import { cutForms } from "./cut/editor";
import { followCuts } from "./cut/following";
import { follow } from "./live";
import { players } from "./player";
import { thumbs } from "./waveform";

/** Enhances everything under `root`, which may itself be a followed card. */
export function enhance(root: ParentNode): void {
  players(root);
  thumbs(root);
  cutForms(root);
  follow(root);
  followCuts(root);
}
