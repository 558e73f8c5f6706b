# Fabric notebook source

# METADATA ********************

# META {
# META   "kernel_info": {
# META     "name": "synapse_pyspark"
# META   },
# META   "dependencies": {
# META     "lakehouse": {
# META       "default_lakehouse": "8a119b9e-16bc-4732-8f7b-7676d015b0dc",
# META       "default_lakehouse_name": "GOLD_SalesAnalytics_Lakehouse",
# META       "default_lakehouse_workspace_id": "00000000-0000-0000-0000-000000000000",
# META       "known_lakehouses": [
# META         {
# META           "id": "8a119b9e-16bc-4732-8f7b-7676d015b0dc"
# META         },
# META         {
# META           "id": "2c63888f-28f0-4481-be6d-dce7a7ace732"
# META         }
# META       ]
# META     },
# META     "environment": {
# META       "environmentId": "bc67ba94-637d-4efa-a09e-467ada679f81",
# META       "workspaceId": "00000000-0000-0000-0000-000000000000"
# META     }
# META   }
# META }

# MARKDOWN ********************

# # Validate sales
#
# Each check answers with the number of rows that break it. All are run before one may stop the pipeline: a person who
# is called at night wants the whole list.

# CELL ********************

from dataclasses import dataclass

settings = notebookutils.variableLibrary.getLibrary("SalesSettings_VariableLibrary")


@dataclass(frozen=True)
class Check:
    name: str
    query: str


CHECKS = [
    Check("an order line appears once", "SELECT order_id, line_number FROM dbo.fct_sales GROUP BY ALL HAVING count(*) > 1"),
    Check("every line has its product", "SELECT 1 FROM dbo.fct_sales LEFT ANTI JOIN dbo.dim_product USING (product_key)"),
    Check("every line has its day", "SELECT 1 FROM dbo.fct_sales LEFT ANTI JOIN dbo.dim_date ON order_day = day"),
    Check("amounts are converted", "SELECT 1 FROM dbo.fct_sales WHERE net_amount IS NULL"),
    Check("a discount lowers the price", "SELECT 1 FROM dbo.fct_sales WHERE net_amount > gross_amount"),
    Check(
        "gold and silver agree on the total",
        "SELECT 1 FROM (SELECT sum(net_amount) AS total FROM dbo.fct_sales) g "
        "JOIN (SELECT sum(net_amount) AS total FROM SILVER_Sales_Lakehouse.sales_lines) s ON abs(g.total - s.total) > 0.01",
    ),
]

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }

# CELL ********************

findings = {check.name: spark.sql(check.query).count() for check in CHECKS}
for name, rows in findings.items():
    print(f"{'ok' if rows == 0 else 'NOT OK':<7} {rows:>8}  {name}")

broken = [name for name, rows in findings.items() if rows > 0]
if broken and settings.fail_on_quality_findings:
    raise ValueError("sales data is not fit to be shown: " + "; ".join(broken))

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }
