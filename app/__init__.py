"""The program people see: window, canvas, panels, dialogs and the command line. The only place that imports Qt."""
