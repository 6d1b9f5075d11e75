// @ts-check
/**
 * The frame that a site's page embeds, unseen. It holds the keys of this one site in this one browser and signs with
 * them; it shows nothing and asks nothing, because consent is only ever given in a top-level page.
 */

import { open } from "../shared/database.js";
import { answerCalls, postState, receiveBundles, receiveConnect } from "../shared/messages.js";
import { Holder } from "./holder.js";
import { Signing } from "./signing.js";

const connecting = receiveConnect(); // before anything is awaited: the page says "connect" at this frame's load event
const opening = open("oneid-frame", ["bundles", "seen"], 2).catch(() => null); // no storage: the popup signs instead

const { origin, port } = await connecting;
const holder = new Holder(origin, await opening);
const signing = new Signing(holder, origin);

const tell = async () => postState(port, await holder.state());
holder.onchange = tell;
receiveBundles((delivery) => holder.accept(delivery));
answerCalls(port, (name, args, asked) => signing.call(name, args, asked));
document.addEventListener("visibilitychange", tell); // another tab of the site may have signed in or out meanwhile
await tell();
