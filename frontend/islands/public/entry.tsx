import { render } from "../bridge";

const page = document.getElementById("public");
if (page) render(page, <main />);
