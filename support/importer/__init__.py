"""Loads the shop's own data, an import folder: `python -m support.importer FOLDER [--skip-bad]`.

Read, as far as present: customers.csv, products.csv, skus.csv, orders.csv, order_items.csv, shipments.csv,
the articles in `knowledge/`, the pictures in `pictures/`, `policy.yml` and `content.yml`. Extra columns go
into `extra`.

* All or nothing: one transaction, and only when every row is good and every article can be read. Every bad
  row is named by file and line. With --skip-bad the bad rows are left out, and with them what refers to
  them; an order is loaded whole or not at all. Of an article that cannot be read the shop then keeps what an
  earlier import brought. A file that cannot be read as a table, or a wrong `policy.yml` or `content.yml`,
  always stops the import.
* Idempotent: rows are inserted or brought up to date by their ids. Columns that a file lacks keep their
  values.
* A row that is gone from a file is NOT deleted from the database: an export of this week's orders must not
  delete last week's. Articles and pictures are different: those that an earlier import brought and that are
  gone from the folder are removed.
* An order that Shopclerk cancelled or refunded (an approved decision in the ledger) is not set back to an
  earlier state by an older export.
"""

from support.importer.load import NothingToImportError, import_folder
from support.importer.report import Loaded, Problem, Report, Severity

__all__ = ["Loaded", "NothingToImportError", "Problem", "Report", "Severity", "import_folder"]
