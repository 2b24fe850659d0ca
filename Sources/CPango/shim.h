// Pango and Cairo: text layout and PDF.
#ifndef CPANGO_SHIM_H
#define CPANGO_SHIM_H
#include <cairo/cairo.h>
#include <cairo/cairo-pdf.h>
#include <pango/pangocairo.h>
#endif
