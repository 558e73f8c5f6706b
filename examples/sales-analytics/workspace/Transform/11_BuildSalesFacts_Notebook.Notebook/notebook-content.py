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

# # Build facts and dimensions
#
# The gold lakehouse holds what the semantic model names and nothing else. Dimensions are rebuilt as a whole: they are
# small, and a rebuild cannot drift.

# CELL ********************

from pyspark.sql import functions as F

sales = spark.table("SILVER_Sales_Lakehouse.sales_lines")

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }

# CELL ********************

def key(*columns):
    """A number that is the same in every run, so that reports keep their filters."""
    return F.xxhash64(*columns)


def replace(frame, table):
    frame.write.format("delta").mode("overwrite").option("overwriteSchema", "true").saveAsTable(f"dbo.{table}")


products = sales.select("product_id", "product_name", "category", "brand").dropDuplicates(["product_id"])
countries = sales.select("country").distinct()
replace(products.withColumn("product_key", key("product_id")), "dim_product")
replace(countries.withColumn("country_key", key("country")), "dim_country")

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }

# CELL ********************

import holidays

# The calendar covers every day between the first and the last order, also those without one.
first, last = sales.agg(F.min("order_day"), F.max("order_day")).first()
calendar = spark.sql(f"SELECT explode(sequence(DATE'{first}', DATE'{last}')) AS day")
german_holidays = holidays.country_holidays("DE", years=range(first.year, last.year + 1))
free_days = spark.createDataFrame([(day, name) for day, name in german_holidays.items()], "day date, holiday string")
replace(
    calendar.join(free_days, "day", "left").select(
        "day",
        F.year("day").alias("year"),
        F.quarter("day").alias("quarter"),
        F.date_format("day", "yyyy-MM").alias("month"),
        F.weekofyear("day").alias("iso_week"),
        (F.dayofweek("day").isin(1, 7) | F.col("holiday").isNotNull()).alias("is_free"),
        "holiday",
    ),
    "dim_date",
)

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }

# CELL ********************

replace(
    sales.select(
        "order_id",
        "line_number",
        "order_day",
        key("product_id").alias("product_key"),
        key("country").alias("country_key"),
        "status",
        "quantity",
        "gross_amount",
        "net_amount",
    ),
    "fct_sales",
)
spark.sql("OPTIMIZE dbo.fct_sales VORDER")

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }
