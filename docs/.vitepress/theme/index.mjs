/** The default look, with the reader's own fonts: nothing is loaded for them. */
import DefaultTheme from "vitepress/theme-without-fonts";

import "./style.css";

export default DefaultTheme;
