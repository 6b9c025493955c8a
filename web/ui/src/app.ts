/** The script of every page. Pages work without it, except recording and sending files. */

import { conveniences } from "./conveniences";
import { enhance } from "./enhance";
import { listening } from "./listening";
import { publishForm } from "./publish_form";
import { BaladoRecorder } from "./recorder";
import { BaladoRecovery } from "./recovery";
import { BaladoUploader } from "./uploader";

document.documentElement.classList.add("js");
enhance(document);
conveniences();
document.querySelectorAll<HTMLFormElement>("form[data-publish]").forEach(publishForm);
document.querySelectorAll<HTMLElement>("[data-listening]").forEach(listening);
customElements.define("balado-recorder", BaladoRecorder);
customElements.define("balado-recovery", BaladoRecovery);
customElements.define("balado-uploader", BaladoUploader);
